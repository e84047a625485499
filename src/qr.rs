//! Codes that phones scan (QR, ISO/IEC 18004), to be drawn.

use anyhow::Context;
use qrcode::{Color, EcLevel, QrCode};

use crate::error::Result;

/// Around it, in modules, as scanners need it.
const QUIET: usize = 4;

/// A code with what is quiet around it, in modules.
pub struct Drawing {
    /// How wide and high it is.
    pub side: usize,
    /// The dark modules, as the path of an SVG.
    pub dark: String,
}

/// Of a text of at most some hundred characters.
pub fn drawn(text: &str) -> Result<Drawing> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M)
        .context("the text is too long for a code")?;
    let width = code.width();
    let modules = code.to_colors().into_iter().enumerate();
    let dark = modules
        .filter(|(_, color)| *color == Color::Dark)
        .map(|(at, _)| format!("M{} {}h1v1h-1z", at % width + QUIET, at / width + QUIET))
        .collect();
    Ok(Drawing {
        side: width + 2 * QUIET,
        dark,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_square_with_a_quiet_zone_around_it() {
        let code = drawn("https://connect.example/c/7K3M9QWERTYU").unwrap();
        // Version 3 has 29 modules, and 4 around it on each side.
        assert_eq!(code.side, 37);
        // The finder in its corner begins after the quiet zone.
        assert!(code.dark.starts_with("M4 4h1v1h-1z"), "{}", code.dark);
        assert!(!code.dark.contains("M3 "), "{}", code.dark);
        assert!(drawn(&"x".repeat(4000)).is_err());
    }
}
