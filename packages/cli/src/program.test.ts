import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { createOutput } from './output/output.ts';
import { createProgram } from './program.ts';
import { run } from './run.ts';

function captured() {
  const text = { out: '', error: '' };
  const streams = {
    out: {
      write: (part: string) => {
        text.out += part;
      },
    },
    error: {
      write: (part: string) => {
        text.error += part;
      },
    },
  };
  return { text, streams };
}

function programForParsing(): Command {
  const { streams } = captured();
  const program = createProgram({
    env: {},
    signal: new AbortController().signal,
    streams,
    outputOf: ({ json }) => createOutput(json ?? false, streams),
  });
  return program;
}

function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
  });
  command.outputHelp();
  return text;
}

function examplesOf(command: Command): string[] {
  return [...helpOf(command).matchAll(/^ {2}\$ (.+)$/gm)].map(([, line]) => line);
}

class Parsed extends Error {}

/** Parses an example as a shell would split it, stopping before the action runs. */
async function parse(example: string): Promise<string> {
  const words = example.replace(/^(\w+=\S+( \S+\))? )+/, '').split(' ');
  expect(words.shift()).toBe('tributary');
  const program = programForParsing();
  let reached = '';
  program.hook('preAction', (_, action) => {
    reached = action.name();
    throw new Parsed();
  });
  await program.parseAsync(words, { from: 'user' }).catch((error: unknown) => {
    if (!(error instanceof Parsed)) throw error;
  });
  return reached;
}

describe('help', () => {
  const commands = everyCommand(programForParsing());

  it.each(commands.map((command) => [command.name(), command] as const))(
    '%s has a description, an example that parses and its exit codes',
    async (name, command) => {
      const text = helpOf(command);
      expect(command.description().length).toBeGreaterThan(20);
      expect(text).toContain('Exit codes:');
      const examples = examplesOf(command);
      expect(examples.length).toBeGreaterThan(0);
      const reached = await Promise.all(examples.map(parse));
      if (command.commands.length === 0) expect(reached).toContain(name);
    },
  );

  it('describes every option and argument', () => {
    for (const command of commands) {
      for (const option of command.options)
        expect(option.description, `${command.name()} ${option.flags}`).not.toBe('');
      for (const argument of command.registeredArguments) expect(argument.description).not.toBe('');
    }
  });
});

describe('usage errors', () => {
  it.each([
    [['demo', '--devices', 'many']],
    [['demo', '--devices', '2']],
    [['demo', '--rounds', '1e3']],
    [['serve', '--store', 'x', '--port', '70000']],
    [['device', '--url', 'ftp://host', '--task', 'films', '--storage', 'x']],
    [['device', '--url', 'http://user:secret@host', '--task', 'films', '--storage', 'x']],
    [['recommend', '--store', 'x', '--task', 'films', '--history', 'a,,b']],
    [['model', 'rollback', 'latest', '--store', 'x', '--task', 'films']],
    [['simulate', '--plan', 'x', '--data', 'y', '--split', 'random']],
    [['task', 'check']],
    [['unknown']],
    [['demo', '--no-such-option']],
  ])('%j ends with 2 and says what was expected', async (commandLine) => {
    const { text, streams } = captured();
    const code = await run([...commandLine, '--json'], { env: {}, signal: new AbortController().signal, streams });
    expect(code).toBe(2);
    const last = JSON.parse(text.out.trimEnd().split('\n').at(-1) ?? '') as {
      error: { exitCode: number; message: string };
    };
    expect(last.error.exitCode).toBe(2);
    expect(text.out + text.error).not.toContain('    at ');
  });
});
