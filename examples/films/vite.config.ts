import react from '@vitejs/plugin-react';
import { defaultClientConditions, defineConfig } from 'vite';

/** Of every example's page. */
export default defineConfig({
  plugins: [react()],
  // This repository's packages from their source, so that nothing needs to be built before.
  resolve: { conditions: ['source', ...defaultClientConditions] },
  // Where dependencies are looked for before the first request: the page, and the worker that it starts.
  optimizeDeps: { entries: ['index.html', '../films/src/device-worker.ts'] },
  worker: { format: 'es' },
  build: { target: 'es2022' },
});
