// Does not compile: line 5 gives a number for a text, line 6 asks for what does not exist yet.

import * as socket from "socket";

socket.getaddrinfo(443, 443);
socket.select();
