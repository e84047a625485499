//! Connect Space: booking of hot desks, meeting rooms and offices.
//!
//! One folder a feature; in it nouns (types, rules and their SQL) and doors (pages, API, mail).
//! The rest is the kit, small helpers that know no feature, and the frame, which wires everything.

// The frame.
pub mod api;
pub mod app;
pub mod command;
pub mod database;
pub mod demo;
pub mod doctor;
pub mod embedded;
pub mod gauges;
pub mod lifecycle;
pub mod server;
pub mod worker;

// The features.
pub mod billing;
pub mod bookings;
pub mod front;
pub mod journal;
pub mod legal;
pub mod locations;
pub mod members;
pub mod reports;
pub mod sessions;
pub mod spaces;
pub mod trail;
pub mod viewings;

// The kit.
pub mod assets;
pub mod audit;
pub mod clock;
pub mod config;
pub mod csv;
pub mod error;
pub mod extract;
pub mod flash;
pub mod form;
pub mod found;
pub mod hosts;
pub mod html;
pub mod ical;
pub mod id;
pub mod jobs;
pub mod live;
pub mod log;
pub mod mail;
pub mod markdown;
pub mod metrics;
pub mod money;
pub mod photograph;
pub mod picture;
pub mod proxies;
pub mod qr;
pub mod requests;
pub mod time;
pub mod transaction;
pub mod upload;
