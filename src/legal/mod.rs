//! What the law asks a site to say: who runs it, the terms, and what happens with data.

pub mod admin;
pub mod operator;
pub mod pages;
pub mod sample;
pub mod terms;
