/** A stylesheet: imported for its effect alone. */
export {};
