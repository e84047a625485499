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

-- Those of whom all words are true, each found by an index: it begins a word of their name, their address or their
-- reference, or of a company of theirs; or, turned round, it is how their phone number ends.
create function members_meant(words text[], endings text[]) returns setof uuid language sql stable as $$
    select found.id
    from unnest(words, endings) with ordinality as typed (word, ending, place),
    lateral (
        select m.id from members m where m.sought like '% ' || typed.word || '%'
        union all
        select m.id from members m where m.phone_end >= typed.ending and m.phone_end < typed.ending || ':'
        union all
        select p.member_id from companies c join company_people p on p.company_id = c.id
        where c.sought like '% ' || typed.word || '%') found
    group by found.id having count(distinct typed.place) = cardinality(words)
$$;
