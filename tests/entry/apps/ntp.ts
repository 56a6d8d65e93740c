// Sets the clock from a server that the test provides, and says what the clock then shows.

import * as ntptime from "ntptime";
import * as time from "time";

ntptime.host = "server";
ntptime.timeout = open("patient") != null ? 5 : 1;
const start = time.ticks_ms();
print(ntptime.settime() ? "set" : OSError.last().toString());
print(time.time());
print(time.ticks_diff(time.ticks_ms(), start) < 5000);
