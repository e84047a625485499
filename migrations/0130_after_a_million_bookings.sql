-- Accounts are found by whoever holds them now, though they were somebody else's before a merge: in two parts, each
-- of which has an index.
create index members_as_they_are_now on members (coalesce(merged_into, id));

create or replace view account_holders as
select a.id as account_id, coalesce(m.merged_into, m.id) as member_id, a.company_id
from accounts a join members m on m.id = a.member_id
union all
select id, null, company_id from accounts where company_id is not null;
