-- Photos of locations and spaces. Their files are made anew from what was uploaded, so that nothing of it
-- but its pixels is kept; they stand here because all servers share the database.

create table photos (
    id           uuid primary key,
    location_id  uuid references locations,
    space_id     uuid references spaces,
    -- What it shows, for those who do not see it.
    alt          text not null check (alt <> ''),
    -- The first one is the cover.
    position     int not null,
    created_at   timestamptz not null default now(),
    check (num_nonnulls(location_id, space_id) = 1)
);
create index photos_by_space on photos (space_id, position) where space_id is not null;
create index photos_by_location on photos (location_id, position) where location_id is not null;

create table photo_files (
    photo_id  uuid not null references photos on delete cascade,
    size      text not null check (size in ('large', 'small')),
    width     int not null check (width > 0),
    height    int not null check (height > 0),
    webp      bytea not null check (length(webp) between 1 and 4194304),
    primary key (photo_id, size)
);
-- Pictures are packed already.
alter table photo_files alter column webp set storage external;
