//! Serves the demonstration tenants: `simulate [address] [folder of exported policies for the first tenant]`.

use std::path::PathBuf;

use graph_simulator::Simulator;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments
        .next()
        .unwrap_or_else(|| "127.0.0.1:4010".to_owned());
    let simulator = Simulator::demo();
    if let (Some(folder), Some(first)) = (
        arguments.next().map(PathBuf::from),
        simulator.tenants().first(),
    ) {
        let report = simulator.load_policies(&first.directory_id, &folder)?;
        println!(
            "{} policies loaded, {} files left out",
            report.loaded,
            report.problems.len()
        );
    }
    for tenant in simulator.tenants() {
        println!(
            "{} {} {} {}",
            tenant.display_name, tenant.directory_id, tenant.client_id, tenant.client_secret
        );
    }
    println!("Microsoft Graph simulator on http://{address}");
    let shutdown = async {
        // Without a signal handler the program simply runs until it is killed.
        let _ = tokio::signal::ctrl_c().await;
    };
    Simulator::serve(simulator, TcpListener::bind(address).await?, shutdown).await?;
    Ok(())
}
