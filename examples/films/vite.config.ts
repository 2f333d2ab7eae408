import react from '@vitejs/plugin-react';
import { defaultClientConditions, defineConfig } from 'vite';

export default defineConfig({
  plugins: [react()],
  // This repository's packages from their source, so that nothing needs to be built before.
  resolve: { conditions: ['source', ...defaultClientConditions] },
  build: { target: 'es2022' },
});
