module.exports = {
  // nidoto: guarded-by bff-restarts-often
  apps: [
    {
      name: "bff",
      script: "dist/server.js",
      instances: 2,
      exec_mode: "cluster",
      max_memory_restart: "300M",
    },
  ],
};
