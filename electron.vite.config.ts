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

/** gRPC is for builds with BuildKit, SSH for ssh:// addresses. By file: what it says, and what it is to say. */
const dockerodeParts: Record<string, Record<string, string>> = {
  'dockerode/lib/docker.js': {
    "withSession = require('./session')":
      "withSession = (...input) => require('dockerode/lib/session')(...input)",
    "require('./buildkit')": "require('dockerode/lib/buildkit')",
  },
  'docker-modem/lib/modem.js': {
    "ssh = require('./ssh')": "ssh = (...input) => require('docker-modem/lib/ssh')(...input)",
  },
};

/** Leaves these parts of dockerode outside of the bundle until they are called: they take longer than all the rest. */
function dockerodeOnDemand() {
  return {
    name: 'dockerode-on-demand',
    enforce: 'pre' as const,
    transform(code: string, id: string) {
      const file = Object.keys(dockerodeParts).find((name) => id.endsWith(`/${name}`));
      if (!file) return null;
      let changed = code;
      for (const [said, later] of Object.entries(dockerodeParts[file] ?? {})) {
        if (!changed.includes(said)) throw new Error(`${file} does not say "${said}" any more.`);
        changed = changed.replace(said, later);
      }
      return changed;
    },
  };
}

/**
 * The app's own modules run only when something that they export is used: an import from a folder's
 * index.ts would otherwise load the whole folder into the first window and the contents worker.
 */
const ownModules = /^(?!.*\/node_modules\/).*\/(electron|shared)\//;

/**
 * Targets are named here because electron-vite would read them from the newest Electron, and
 * the app must also run on the oldest one that its host preparation can supply (Electron 33:
 * Node 20, Chromium 130).
 */
export default defineConfig({
  main: {
    plugins: [executable('cli.js'), dockerodeOnDemand()],
    build: {
      target: 'node20',
      outDir: 'out/main',
      externalizeDeps: {
        // To find and read many small modules takes longer than all that they do.
        exclude: [
          '@fastify/busboy',
          '@orpc/client',
          '@orpc/contract',
          '@orpc/server',
          'dockerode',
          'fastify-type-provider-zod',
          'httpxy',
          'human-id',
          'p-limit',
          'picomatch',
          'range-parser',
          're2js',
          'tar-fs',
          'tar-stream',
          'uint8array-extras',
          'zod',
        ],
      },
      rollupOptions: {
        input: {
          main: 'electron/main.ts',
          headless: 'electron/headless.ts',
          contentsWorker: 'electron/engine/contents/worker/worker.ts',
          cli: 'electron/cli/cli.ts',
        },
        treeshake: { moduleSideEffects: [{ test: ownModules, sideEffects: false }] },
        external: ['dockerode/lib/session', 'dockerode/lib/buildkit', 'docker-modem/lib/ssh'],
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
      minify: true,
      // It comes from the disk.
      chunkSizeWarningLimit: 1000,
      // One sheet, so that it does not matter in which order parts are loaded.
      cssCodeSplit: false,
      rollupOptions: { input: join(import.meta.dirname, 'renderer', 'index.html') },
    },
  },
});
