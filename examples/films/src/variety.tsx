/** How unlike each other recommended items are to be. */
import { useId } from 'react';

interface VarietyProps {
  /** 0 to 1. */
  readonly value: number;
  readonly onChange: (value: number) => void;
}

export function Variety({ value, onChange }: VarietyProps) {
  const id = useId();
  return (
    <label htmlFor={id} className="range">
      Variety
      <input
        id={id}
        type="range"
        min="0"
        max="1"
        step="0.1"
        value={value}
        onChange={(event) => onChange(Number(event.target.value))}
      />
    </label>
  );
}
