import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';

/** A command that package.json names is a file that can be run. */
function executable(name: string) {
  return {
    name: 'executable',
    writeBundle: ({ dir = '' }: { dir?: string }) => chmodSync(join(dir, name), 0o755),
  };
}

/**
 * Targets are named here because electron-vite would read them from the newest Electron, and
 * the app must also run on the oldest one that its host preparation can supply (Electron 33:
 * Node 20, Chromium 130).
 */
export default defineConfig({
  main: {
    plugins: [executable('cli.js')],
    build: {
      target: 'node20',
      outDir: 'out/main',
      rollupOptions: {
        input: {
          main: 'electron/main.ts',
          headless: 'electron/headless.ts',
          contentsWorker: 'electron/engine/contents/worker.ts',
          cli: 'electron/cli/cli.ts',
        },
        output: { format: 'es' },
      },
    },
  },
  preload: {
    build: {
      target: 'node20',
      outDir: 'out/preload',
      // A sandboxed preload can only be CommonJS.
      rollupOptions: {
        input: { preload: 'electron/preload.ts' },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'renderer',
    plugins: [react()],
    build: {
      target: 'chrome130',
      outDir: 'out/renderer',
      rollupOptions: { input: join(import.meta.dirname, 'renderer', 'index.html') },
    },
  },
});
