import { type ReactNode, useId } from 'react';

export type HeadingLevel = 2 | 3 | 4;

/** A part of the panel under its heading, one level below the panel's own. */
export function Section({
  title,
  below,
  children,
}: {
  readonly title: string;
  readonly below: HeadingLevel;
  readonly children: ReactNode;
}) {
  const id = useId();
  const Heading = `h${below + 1}` as 'h3' | 'h4' | 'h5';
  return (
    <section className="tributary-panel__section" aria-labelledby={id}>
      <Heading id={id} className="tributary-panel__heading">
        {title}
      </Heading>
      {children}
    </section>
  );
}

/** Names and what they are. */
export function Facts({ of }: { readonly of: readonly (readonly [name: string, value: string])[] }) {
  return (
    <dl className="tributary-panel__facts">
      {of.map(([name, value]) => (
        <div key={name} className="tributary-panel__fact">
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
