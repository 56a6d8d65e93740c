/* What the parts of the service share: service.c, console.c, deploy.c, deploy_files.c. */

#ifndef HAL_SERVICE_STATE_H
#define HAL_SERVICE_STATE_H

#include "service.h"

extern const struct service_config *service_config;

enum service_app service_app_state(void);

/* "running", ... */
const char *service_app_word(void);

/* Asks the app to end. True where one runs. */
bool service_interrupt(void);

/* Restarts the device once the poll that is going on is over. */
void service_restart_later(bool start_app);

#endif
