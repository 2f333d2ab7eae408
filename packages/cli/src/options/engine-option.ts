import { Option } from 'commander';

/** What adds up rounds. The names are the coordinator's `engineNames`, which is not loaded to show a command's help. */
export function engineOption(byDefault: 'auto' | 'cpu'): Option {
  return new Option(
    '--engine <name>',
    'what adds up rounds and takes masks off, see `tributary engines`; auto: the fastest one here, for what is large enough for it',
  )
    .choices(['auto', 'cpu', 'webgpu', 'tensorflow'])
    .default(byDefault);
}
