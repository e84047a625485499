-- Finding people and companies by what a caller says of themselves.

create extension if not exists pg_trgm;

-- In lower case, without accents, apostrophes and hyphens, so that names are found as they sound.
create function plain(words text) returns text language sql immutable strict parallel safe
return translate(lower(words), 'àáâãäåçèéêëìíîïñòóôõöøùúûüýÿ-’''`', 'aaaaaaceeeeiiiinoooooouuuuyy ');

-- What staff, receipts and bank statements call a member by.
alter table members add reference text unique check (reference ~ '^CM-[2-9A-HJ-NP-TV-Z]{5}$');
create function fresh_member_reference() returns text language plpgsql volatile as $$
declare
    letters constant text := '23456789ABCDEFGHJKMNPQRSTVWXYZ';
    fresh text;
begin
    loop
        select 'CM-' || string_agg(substr(letters, 1 + floor(random() * 30)::int, 1), '') into fresh from generate_series(1, 5);
        exit when not exists (select from members where reference = fresh);
    end loop;
    return fresh;
end $$;
update members set reference = fresh_member_reference();
alter table members alter reference set not null, alter reference set default fresh_member_reference();

-- Each word of it begins after a blank.
alter table members add sought text not null generated always as (' ' || plain(name) || ' ' || coalesce(email, '') || ' ' || plain(reference)) stored;
create index members_by_beginning on members (sought collate "C");
create index members_by_words on members using gin (sought gin_trgm_ops);

-- From the last digit to the first: people say how their number ends.
alter table members add phone_end text collate "C" generated always as (reverse(phone)) stored;
create index members_by_phone_end on members (phone_end);

alter table companies add sought text not null generated always as (' ' || plain(name)) stored;
create index companies_by_words on companies using gin (sought gin_trgm_ops);

-- A person who was known twice: all that was theirs is the other one's, and the row stays for what points at it.
alter table members add merged_into uuid references members check (merged_into <> id);
alter table members add check (merged_into is null or num_nonnulls(email, phone, password_hash) = 0);

-- When somebody asked to be forgotten (POPIA s 24), and since when they are.
alter table members add erasure_asked_at timestamptz, add erased_at timestamptz;
alter table members add check (erased_at is null or num_nonnulls(email, phone, password_hash) = 0);
create index members_by_name on members (name, id) where merged_into is null;
