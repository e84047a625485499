//! How the house says no to a pass: each refusal is the sentence that the person reads.

use thiserror::Error;

#[derive(Clone, Debug, PartialEq, Error)]
pub enum PassRefusal {
    #[error("This pass is not sold any more. Choose another.")]
    NotSold,
    #[error(
        "All {cap} of these passes are taken in that time. Choose a later first day or another pass."
    )]
    SoldOut { cap: i32 },
    #[error("That day has passed. Choose today or a later one.")]
    Past,
    #[error("Passes are sold up to {last}. Choose an earlier first day.")]
    TooFar { last: String },
    #[error("The price is now {now}. Look it over and buy again to accept it.")]
    PriceChanged { now: String },
    #[error("{company} asks for a purchase order number. Enter it.")]
    NoPurchaseOrder { company: String },
    #[error("Your account cannot buy passes at the moment. Please call us.")]
    Barred,
    #[error(
        "Your passes are yours once they are paid: {missing} is missing. Pay at the front desk or by EFT, then buy."
    )]
    PayFirst { missing: String },
    #[error("This was sent before with other details. Begin anew.")]
    KeyReused,
    #[error("Days of this pass are used or booked, so it cannot be given back. Please call us.")]
    Used,
    #[error(
        "This pass has begun and was bought more than a week ago, so it cannot be given back here. Please call us."
    )]
    Begun,
}

impl PassRefusal {
    /// The field of the form that it belongs to.
    pub fn field(&self) -> &'static str {
        match self {
            PassRefusal::NoPurchaseOrder { .. } => "purchase_order",
            _ => "first",
        }
    }

    /// The name that stays the same for programs.
    pub fn kind(&self) -> &'static str {
        match self {
            PassRefusal::NotSold => "not-sold",
            PassRefusal::SoldOut { .. } => "sold-out",
            PassRefusal::Past => "past",
            PassRefusal::TooFar { .. } => "too-far",
            PassRefusal::PriceChanged { .. } => "price-changed",
            PassRefusal::NoPurchaseOrder { .. } => "no-purchase-order",
            PassRefusal::Barred => "barred",
            PassRefusal::PayFirst { .. } => "pay-first",
            PassRefusal::KeyReused => "key-reused",
            PassRefusal::Used => "used",
            PassRefusal::Begun => "begun",
        }
    }
}
