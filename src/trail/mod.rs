//! What has been done here, and by whom: the audit trail as its readers see it.

pub mod event;
pub mod pages;
