//! A migration that is added must reach the program although no Rust file changed.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
