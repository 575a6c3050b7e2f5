//! The facedeck binary: everything is in the library.

fn main() -> std::process::ExitCode {
    facedeck::cli::main()
}
