//! Money: the price list, passes, quotes, and the ledger of each account.

pub mod account;
pub mod admin_cash_up;
pub mod admin_payments;
pub mod admin_statement;
pub mod api;
pub mod cash_up;
pub mod emails;
pub mod lowest;
pub mod pages;
pub mod pass;
pub mod payment;
pub mod payments_api;
pub mod pricing;
pub mod products_admin;
pub mod quote;
pub mod rate;
pub mod rates_admin;
pub mod rates_api;
pub mod receipt;
pub mod receipt_pages;
pub mod statement;
pub mod statement_api;
pub mod statement_pages;
pub mod tariff;
pub mod week;
