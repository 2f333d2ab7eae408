/** Colours, light and dark; of series by Okabe and Ito (2008), told apart by all kinds of colour vision. */
export const colourStyles = `
:root { --text: #1b1f24; --page: #ffffff; --rule: #d0d7de; --muted: #57606a;
  --series-1: #0072b2; --series-2: #d55e00; --series-3: #009e73; --series-4: #8a6d00; }
@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --page: #0d1117; --rule: #30363d; --muted: #9198a1;
  --series-1: #56b4e9; --series-2: #e69f00; --series-3: #2fd1a2; --series-4: #f0e442; } }`;

/** The report's look. */
export const styleSheet = `${colourStyles}
body { margin: 0; color: var(--text); background: var(--page); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 52rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2.5rem; }
p { color: var(--muted); max-width: 44rem; }
p[role="alert"] { color: var(--series-2); font-weight: 600; }
.chart svg { max-width: 100%; height: auto; color: var(--text); }
.table { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .9rem; }
caption { text-align: left; color: var(--muted); padding: .25rem 0; }
th, td { text-align: left; padding: .25rem .9rem .25rem 0; border-bottom: 1px solid var(--rule); vertical-align: top; }
tbody th { font-weight: normal; white-space: nowrap; }
pre { overflow-x: auto; font-size: .85rem; }
`;
