/** The device runs in a worker of its own, so that training never holds up the page. */
import '@tributary/client/worker';
