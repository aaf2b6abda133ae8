//! The program `belfry`.

/// It gives memory back where the system's own keeps what a crowd of connections needed once.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> std::process::ExitCode {
    server::cli::main()
}
