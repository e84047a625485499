-- A pass that a company pays for carries the company's order number, as a booking does.
alter table passes add purchase_order text not null default '';
