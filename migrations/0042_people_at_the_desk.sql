-- What the front desk keeps of people and companies.

-- What staff have noted of somebody; nobody changes it afterwards.
create table member_notes (
    id         uuid primary key,
    member_id  uuid not null references members,
    author_id  uuid not null references members,
    body       text not null check (body <> ''),
    at         timestamptz not null default now()
);
create index member_notes_by_member on member_notes (member_id, at);

create index members_erasure on members (erasure_asked_at) where erasure_asked_at is not null and erased_at is null;
create index members_by_standing on members (standing, name, id) where standing <> 'good' and merged_into is null;
create index members_merged on members (merged_into) where merged_into is not null;

-- How many days after its bill a company pays; 0: before what it books is its own.
alter table companies add payment_days int not null default 30 check (payment_days between 0 and 120);

-- Staff ask somebody in, to choose a password.
alter table links drop constraint links_purpose_check;
alter table links add constraint links_purpose_check
    check (purpose in ('sign_in', 'confirm_booking', 'reset_password', 'verify_email', 'invitation'));

-- The person whose an account is: of a person who was known twice, the one who stayed.
create view account_holders as
select a.id as account_id, coalesce(m.merged_into, m.id) as member_id, a.company_id
from accounts a left join members m on m.id = a.member_id;
