//! The whole application over HTTP, against a real database.

#[path = "../support/mod.rs"]
mod support;

mod account;
mod any_desk;
mod api_docs;
mod architecture;
mod arrivals;
mod attendance;
mod bad_input;
mod cancelling;
mod clocks;
mod consents;
mod crawl;
mod doors;
mod email_change;
mod finding;
mod finding_people;
mod first_refusals;
mod holds;
mod jobs;
mod journal;
mod layouts;
mod ledger;
mod lets;
mod mails;
mod newcomers;
mod outage;
mod overlap;
mod passes;
mod payers;
mod photos;
mod places;
mod prices;
mod privacy;
mod public;
mod races;
mod regulars;
mod repeats;
mod rules;
mod security;
mod sessions;
mod statement;
mod team;
mod viewings;
mod viewings_desk;
