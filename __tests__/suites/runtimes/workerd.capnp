using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (services = [(name = "worker", worker = .worker)]);

const worker :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "bundle.mjs")],
  compatibilityDate = "2025-09-01",
  compatibilityFlags = ["nodejs_compat"],
);
