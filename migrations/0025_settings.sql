-- What owners set, and covers of articles that were uploaded.

-- Grows with every change, so that nobody overwrites what another owner has just written.
alter table installation add column settings_version int not null default 1;

-- A photo is of a location, of a space, or the one cover of an article.
alter table photos add column article_id uuid unique references articles;
alter table photos drop constraint photos_check;
alter table photos add check (num_nonnulls(location_id, space_id, article_id) = 1);
