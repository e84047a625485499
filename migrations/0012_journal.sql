-- The journal: articles in Markdown, and the addresses that pages had before.

create table articles (
    id            uuid primary key,
    slug          text not null unique check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and length(slug) <= 80),
    title         text not null check (title <> ''),
    summary       text not null default '',
    body          text not null default '',
    category      text not null check (category in ('locations', 'case_studies', 'advice')),
    author        text not null check (author <> ''),
    -- Which drawing stands for it: see journal/cover.rs.
    cover         text not null default 'sunrise',
    -- Null: a draft. Later than now: it appears by itself.
    published_at  timestamptz,
    -- Was public and is no more: its address says so.
    withdrawn_at  timestamptz check (withdrawn_at is null or published_at is not null),
    -- Grows with every change, so that nobody overwrites what another has just written.
    version       int not null default 1,
    created_at    timestamptz not null default now(),
    updated_at    timestamptz not null default now(),
    search        tsvector not null generated always as (
                      setweight(to_tsvector('english', title), 'A')
                      || setweight(to_tsvector('english', summary), 'B')
                      || setweight(to_tsvector('english', body), 'C')) stored
);
create index articles_newest on articles (published_at desc) where published_at is not null and withdrawn_at is null;
create index articles_search on articles using gin (search);

-- What a page was called before: old links lead on to it.
create table former_slugs (
    kind        text not null check (kind in ('article', 'location', 'space')),
    slug        text not null,
    subject_id  uuid not null,
    primary key (kind, slug)
);

create function remember_slug() returns trigger language plpgsql as $$
begin
    insert into former_slugs (kind, slug, subject_id) values (tg_argv[0], old.slug, old.id)
    on conflict (kind, slug) do update set subject_id = excluded.subject_id;
    return new;
end $$;

create trigger articles_remember_their_slug after update of slug on articles
    for each row when (old.slug <> new.slug) execute function remember_slug('article');
create trigger locations_remember_their_slug after update of slug on locations
    for each row when (old.slug <> new.slug) execute function remember_slug('location');
create trigger spaces_remember_their_slug after update of slug on spaces
    for each row when (old.slug <> new.slug) execute function remember_slug('space');
