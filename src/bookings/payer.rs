//! Who pays for a booking: the member, or a company at whose expense they may book.

use sqlx::PgConnection;

use super::{locks, refusal::Refusal};
use crate::{
    billing::account::Account,
    error::{Error, Result},
    id::Id,
    members::{company::Company, member::Member},
};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Payer {
    /// Whoever pays when nothing is said: the company that the member has named for it, or themselves.
    #[default]
    Usual,
    Member,
    /// By its slug.
    Company(String),
}

impl Payer {
    /// `me`, the slug of a company, or nothing.
    pub fn said(text: &str) -> Payer {
        match text.trim() {
            "" => Payer::Usual,
            "me" => Payer::Member,
            slug => Payer::Company(slug.to_owned()),
        }
    }

    /// The company, locked; `None` when the member pays. One at whose expense they may not book is not there.
    pub async fn lock(&self, tx: &mut PgConnection, member: Id<Member>) -> Result<Option<Company>> {
        if *self == Payer::Member {
            return Ok(None);
        }
        let (companies, usual) = Company::paying_for(&mut *tx, member).await?;
        let slug = match self {
            Payer::Company(slug) => Some(slug),
            _ => usual.as_ref(),
        };
        let Some(slug) = slug else { return Ok(None) };
        let company = companies
            .into_iter()
            .find(|company| company.slug == *slug)
            .ok_or(Error::NotFound)?;
        locks::company(tx, company.id).await?;
        Ok(Some(company))
    }
}

/// A purchase order number, if the company asks for one.
pub fn missing_order(company: Option<&Company>, number: &str) -> Option<Refusal> {
    let company = company.filter(|company| company.po_required && number.is_empty())?;
    Some(Refusal::NoPurchaseOrder {
        company: company.name.clone(),
    })
}

/// The account that a booking is charged to; the company and the member are locked.
pub async fn account(
    tx: &mut PgConnection,
    company: Option<&Company>,
    member: Id<Member>,
) -> Result<Id<Account>> {
    match company {
        Some(company) => Account::of_company(tx, company.id).await,
        None => Account::of_member(tx, member).await,
    }
}
