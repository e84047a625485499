//! What the law asks a site to say: who runs it, the terms, and what happens with data.

pub mod operator;
pub mod pages;
pub mod terms;
