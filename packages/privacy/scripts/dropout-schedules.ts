/**
 * Secure rounds of 3 to 200 devices with random losses in every phase, each compared bit for bit with the plain integer sum:
 *
 *   npx tsx --conditions=source packages/privacy/scripts/dropout-schedules.ts --schedules 1000
 */
import { runSchedule } from '../src/secagg/testing/schedules.ts';

const at = process.argv.indexOf('--schedules');
const schedules = at < 0 ? 1000 : Number(process.argv[at + 1]);
if (!Number.isInteger(schedules) || schedules < 1) throw new RangeError('--schedules takes a positive integer.');

let [devices, lost, largest] = [0, 0, 0];
for (let seed = 0; seed < schedules; seed++) {
  const outcome = runSchedule(seed);
  if (!outcome.exact) throw new Error(`Schedule ${seed} of ${outcome.devices} devices did not open the plain sum.`);
  devices += outcome.devices;
  lost += outcome.lost;
  largest = Math.max(largest, outcome.devices);
}
console.log(JSON.stringify({ schedules, devices, lost, largest, exact: true }));
