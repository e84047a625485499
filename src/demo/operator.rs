//! The sample's operator, who does not exist.

use anyhow::anyhow;
use sqlx::PgConnection;

use super::locations::ZONE;
use crate::{
    legal::{operator::Operator, sample::text},
    time::Zone,
};

pub async fn insert(tx: &mut PgConnection) -> anyhow::Result<()> {
    sqlx::query!("update installation set sample = true, managers_need_second_step = false")
        .execute(&mut *tx)
        .await?;
    let operator = Operator {
        name: text("name"),
        legal_form: text("legal_form"),
        registration_number: text("registration_number"),
        office_bearers: text("office_bearers"),
        address: text("address"),
        service_address: text("service_address"),
        phone: text("phone"),
        email: text("email"),
        memberships: text("memberships"),
        disputes: text("disputes"),
        information_officer: text("information_officer"),
        privacy_email: text("privacy_email"),
        paia_manual: String::new(),
        hosting: text("hosting"),
        vat_number: text("vat_number"),
        vat_registered: true,
        keep_prospects_months: 12,
        keep_guests_days: 30,
        invitations_a_day: 50,
        zone: Zone::named(ZONE)?,
        version: 1,
    };
    let written = operator.write(tx).await;
    written.map_err(|error| anyhow!("writing the sample's operator: {error:?}"))
}
