//! Drawings made into PNG, for programs that show no SVG: in the house's letters, without any of the machine's.

use std::sync::{Arc, LazyLock};

use anyhow::{Context, Result};
use resvg::{
    tiny_skia::{Pixmap, Transform},
    usvg::{Options, Tree, fontdb::Database},
};

static FONTS: LazyLock<Arc<Database>> = LazyLock::new(|| {
    let mut fonts = Database::new();
    fonts.load_font_data(include_bytes!("../static/fonts/jost-500.ttf").to_vec());
    fonts.load_font_data(include_bytes!("../static/fonts/figtree-500.ttf").to_vec());
    Arc::new(fonts)
});

/// So many pixels wide, as high as the drawing's own shape makes it. This takes the processor for some
/// hundredths of a second.
pub fn png(svg: &str, width: u32) -> Result<Vec<u8>> {
    let options = Options {
        fontdb: FONTS.clone(),
        font_family: "Jost".into(),
        ..Options::default()
    };
    let tree = Tree::from_str(svg, &options)?;
    let scale = width as f32 / tree.size().width();
    let height = (tree.size().height() * scale).round() as u32;
    let mut canvas = Pixmap::new(width, height).context("a drawing without a size")?;
    let transform = Transform::from_scale(scale, scale);
    resvg::render(&tree, transform, &mut canvas.as_mut());
    Ok(canvas.encode_png()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_drawn() {
        let draw = |text: &str| {
            let svg = format!(
                r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 80 40"><text y="30" font-family="Jost">{text}</text></svg>"#
            );
            png(&svg, 160).unwrap()
        };
        let (words, blank) = (draw("Umhlanga"), draw(""));
        assert!(words.starts_with(b"\x89PNG"));
        // IHDR: width and height.
        assert_eq!(words[16..24], [0, 0, 0, 160, 0, 0, 0, 80]);
        assert!(words.len() > blank.len() + 100);
    }
}
