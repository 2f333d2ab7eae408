"""Flower's simulation engine with clients that do next to nothing: prints {"clientsPerSecond", "version"} as JSON.

  python3 flower_simulation.py CLIENTS ROUNDS PARAMETERS CPUS

Timed on the server from a round's sampling to its aggregation. A round before the first is not counted: in it Ray starts its
workers. Needs flwr[simulation].
"""
import json
import os
import sys
import time

os.environ.setdefault('RAY_DEDUP_LOGS', '1')
os.environ.setdefault('FLWR_TELEMETRY_ENABLED', '0')
os.environ.setdefault('RAY_USAGE_STATS_ENABLED', '0')

import flwr
import numpy as np
from flwr.client import ClientApp, NumPyClient
from flwr.common import ndarrays_to_parameters
from flwr.server import ServerApp, ServerAppComponents, ServerConfig
from flwr.server.strategy import FedAvg
from flwr.simulation import run_simulation

clients, rounds, parameters, cpus = (int(argument) for argument in sys.argv[1:5])
times = []


class TrivialClient(NumPyClient):
    def fit(self, parameters, config):
        return [parameters[0] + 1], 1, {}


class TimedFedAvg(FedAvg):
    def configure_fit(self, server_round, parameters, client_manager):
        times.append(time.perf_counter())
        return super().configure_fit(server_round, parameters, client_manager)

    def aggregate_fit(self, server_round, results, failures):
        if failures or len(results) != clients:
            raise RuntimeError(f'{len(results)} results and {len(failures)} failures of {clients} clients')
        aggregated = super().aggregate_fit(server_round, results, failures)
        times.append(time.perf_counter())
        return aggregated


def server_fn(context):
    strategy = TimedFedAvg(
        fraction_fit=1.0, fraction_evaluate=0.0, min_fit_clients=clients, min_available_clients=clients,
        initial_parameters=ndarrays_to_parameters([np.zeros(parameters, np.float32)]),
    )
    return ServerAppComponents(strategy=strategy, config=ServerConfig(num_rounds=rounds + 1))


run_simulation(
    server_app=ServerApp(server_fn=server_fn),
    client_app=ClientApp(client_fn=lambda context: TrivialClient().to_client()),
    num_supernodes=clients,
    backend_config={'client_resources': {'num_cpus': 1, 'num_gpus': 0}, 'init_args': {'num_cpus': cpus}},
)
seconds = sum(times[i + 1] - times[i] for i in range(2, len(times), 2))
print(json.dumps({'clientsPerSecond': clients * rounds / seconds, 'version': flwr.__version__}))
