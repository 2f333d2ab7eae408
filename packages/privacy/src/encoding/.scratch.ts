import { walshHadamardInPlace } from './walsh-hadamard.ts';

const mode = process.argv[2];
const out = [];
for (const n of mode === 'a'
  ? [16, 19, 20, 21, 22, 22, 20].map((p) => 2 ** p)
  : [16, 20, 22, 22, 20].map((p) => 2 ** p)) {
  const base = new Float32Array(n).map(() => Math.random() - 0.5);
  const x = new Float32Array(n);
  const t = [];
  for (let k = 0; k < 11; k++) {
    x.set(base);
    const s = performance.now();
    walshHadamardInPlace(x);
    t.push(performance.now() - s);
  }
  t.sort((a, b) => a - b);
  out.push(Math.log2(n), t[5].toFixed(2));
}
console.log(mode, out.join(' '));
