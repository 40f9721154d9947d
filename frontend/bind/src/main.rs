//! Writes the JavaScript that loads the browser part, and the module as that JavaScript expects it: what the
//! `wasm-bindgen` command does, always in the version that `Cargo.lock` names for the library.
//!
//! usage: bind MODULE.wasm FOLDER

use std::{env, error::Error};

use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args_os().skip(1);
    let (Some(module), Some(folder)) = (arguments.next(), arguments.next()) else {
        return Err("usage: bind MODULE.wasm FOLDER".into());
    };
    Bindgen::new()
        .input_path(module)
        .out_name("tenantatlas")
        .web(true)?
        .omit_default_module_path(false)
        .typescript(false)
        .generate(folder)?;
    Ok(())
}
