/* --stats: what connections and modules have cost, on standard error.
 *
 * One fact a line, in a form that scripts/ and tests/ read; fields may be added at the end of a
 * line.
 */

#ifndef HOST_STATS_H
#define HOST_STATS_H

#include "bridge.h"

/* For bridge_watch: the cost of a connection that is about to be freed. */
void stats_connection(const struct bridge_connection *connection);

/* Memory and time of the two modules. */
void stats_modules(const struct vm *app);

#endif
