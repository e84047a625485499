-- Whoever manages signs in with a second step, unless an owner says otherwise.
alter table installation add column managers_need_second_step boolean not null default true;
