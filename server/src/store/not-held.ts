/**
 * Deliveries that no server has in hand: those that wait, and those whose next attempt is due later. Written so that
 * PostgreSQL finds each kind by its index.
 */
export const NOT_HELD = "((holder IS NULL AND due_at IS NULL) OR due_at IS NOT NULL)";
