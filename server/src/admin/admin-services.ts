import type { AdminContext } from "./admin-context.js";
import type { CatalogChanges } from "./catalog-changes.js";

/** What every route file gets. */
export interface AdminServices extends AdminContext {
  readonly changes: CatalogChanges;
}
