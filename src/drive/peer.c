#include "drive/peer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static const double slice = 0.1; // s between looks at *interrupt

static cw_status failed(cw_error *err, const char *path, const char *what) {
    return cw_error_set(err, CW_ERR_IO, path, 0, 0, "%s: %s", what, strerror(errno));
}

static cw_status make_buffer(peer *p, cw_error *err) {
    p->in = malloc(MESSAGE_MOST + 1);
    p->filled = p->taken = 0;
    return p->in ? CW_OK : cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory");
}

// ---- starting --------------------------------------------------------------------------------------------------------

// In the child, between fork and what it is for: only calls that are safe there.
static void settle(int fd, pid_t parent) {
    setpgid(0, 0); // Ctrl-C is ours to handle
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(127);
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (nothing >= 0)
        dup2(nothing, 0);
    dup2(2, 1); // stdout is for results
    if (fd == 3)
        fcntl(fd, F_SETFD, 0);
    else
        dup2(fd, 3);
    close_range(4, ~0u, 0);
    for (int s = 1; s < NSIG; s++)
        if (s != SIGKILL && s != SIGSTOP)
            signal(s, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

cw_status peer_fork(peer *p, void (*body)(void *context), void *context, cw_error *err) {
    int pair[2];
    *p = (peer){.fd = -1};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return failed(err, NULL, "no socket for the driver");
    pid_t parent = getpid(), child = fork();
    if (child == 0) {
        settle(pair[1], parent);
        body(context);
        _exit(127);
    }
    close(pair[1]);
    if (child < 0) {
        close(pair[0]);
        return failed(err, NULL, "no process for the driver");
    }
    setpgid(child, child); // whoever is first
    p->child = child;
    p->fd = pair[0];
    return make_buffer(p, err);
}

static cw_status listen_at(const char *path, int *listener, cw_error *err) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(path);
    if (length == 0 || length >= sizeof address.sun_path)
        return cw_error_set(err, CW_ERR_IO, path, 0, 0, "a socket's path has 1 to %zu bytes",
                            sizeof address.sun_path - 1);
    memcpy(address.sun_path, path, length + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return failed(err, path, "no socket");
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        cw_status status =
            errno == EADDRINUSE
                ? cw_error_set(err, CW_ERR_IO, path, 0, 0,
                               "the socket is in use: another program waits there, or left it behind (then remove it)")
                : failed(err, path, "cannot make the socket");
        close(fd);
        return status;
    }
    if (chmod(path, 0600) != 0 || listen(fd, 1) != 0) { // for this user alone
        cw_status status = failed(err, path, "cannot wait at the socket");
        unlink(path);
        close(fd);
        return status;
    }
    *listener = fd;
    return CW_OK;
}

static int remaining_ms(double deadline) {
    double left = deadline - cw_seconds();
    return left <= 0 ? 0 : left > 1e6 ? 1000000000 : (int)(left * 1e3) + 1;
}

// Is one of the events there by the deadline? False also when *interrupt ends the waiting.
static bool await(int fd, short events, double deadline, const volatile int *interrupt) {
    for (;;) {
        struct pollfd one = {.fd = fd, .events = events};
        double until = interrupt ? cw_min(deadline, cw_seconds() + slice) : deadline;
        int ready = poll(&one, 1, remaining_ms(until));
        if (ready > 0)
            return true;
        if (interrupt && *interrupt)
            return false;
        if ((ready < 0 && errno != EINTR) || cw_seconds() >= deadline)
            return false;
    }
}

cw_status peer_accept(peer *p, const char *path, double deadline, const volatile int *interrupt, cw_error *err) {
    int listener = -1;
    *p = (peer){.fd = -1};
    cw_status status = listen_at(path, &listener, err);
    if (status != CW_OK)
        return status;
    if (await(listener, POLLIN, deadline, interrupt))
        p->fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    int cause = errno;
    close(listener); // whoever comes second is refused
    unlink(path);
    if (p->fd >= 0)
        return make_buffer(p, err);
    if (interrupt && *interrupt)
        return cw_error_set(err, CW_ERR_INTERRUPTED, path, 0, 0, "interrupted: no driver has connected yet");
    if (cw_seconds() >= deadline)
        return cw_error_set(err, CW_ERR_IO, path, 0, 0,
                            "no driver has connected (--set driver.start_timeout=S waits longer)");
    errno = cause;
    return failed(err, path, "no driver has connected");
}

// ---- talking ---------------------------------------------------------------------------------------------------------

bool peer_wait(peer *p, double deadline, const volatile int *interrupt) {
    return p->fd >= 0 && await(p->fd, POLLIN, deadline, interrupt);
}

static void lost(peer *p);

bool peer_send(peer *p, const void *bytes, size_t count, double deadline) {
    const char *at = bytes;
    while (p->fd >= 0 && count > 0) {
        ssize_t sent = send(p->fd, at, count, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent >= 0) {
            at += sent;
            count -= (size_t)sent;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            if (!await(p->fd, POLLOUT, deadline, NULL))
                peer_give_up(p, "it does not read what is sent to it");
        } else if (errno != EINTR) {
            lost(p);
        }
    }
    return p->fd >= 0;
}

peer_reply peer_line(peer *p, double deadline, const char **line, size_t *count) {
    memmove(p->in, p->in + p->taken, p->filled - p->taken);
    p->filled -= p->taken;
    p->taken = 0;
    for (size_t searched = 0; p->fd >= 0;) {
        const char *end = memchr(p->in + searched, '\n', p->filled - searched);
        if (end) {
            *line = p->in;
            *count = (size_t)(end - p->in);
            p->taken = *count + 1;
            return PEER_REPLY;
        }
        searched = p->filled;
        if (p->filled > MESSAGE_MOST) {
            peer_give_up(p, "it sends a message of more than %d bytes", MESSAGE_MOST);
            break;
        }
        if (!await(p->fd, POLLIN, deadline, NULL))
            return PEER_LATE;
        ssize_t got = recv(p->fd, p->in + p->filled, MESSAGE_MOST + 1 - p->filled, MSG_DONTWAIT);
        if (got > 0)
            p->filled += (size_t)got;
        else if (got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR))
            lost(p);
    }
    return PEER_GONE;
}

peer_reply peer_byte(peer *p, double deadline, char *byte) {
    while (p->fd >= 0) {
        if (!await(p->fd, POLLIN, deadline, NULL))
            return PEER_LATE;
        ssize_t got = recv(p->fd, byte, 1, MSG_DONTWAIT);
        if (got == 1)
            return PEER_REPLY;
        if (got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR))
            lost(p);
    }
    return PEER_GONE;
}

void peer_was_late(peer *p, double timeout) {
    if (++p->late < PEER_LATE_MOST)
        snprintf(p->trouble, sizeof p->trouble, "no answer within %g s", timeout);
    else
        peer_give_up(p, "no answer within %g s, %d times in a row: given up", timeout, PEER_LATE_MOST);
}

// ---- ending ----------------------------------------------------------------------------------------------------------

static void end_child(peer *p, int *status) {
    kill(-p->child, SIGKILL); // and whoever it started
    kill(p->child, SIGKILL);  // before it has a group
    while (waitpid(p->child, status, 0) < 0 && errno == EINTR)
        continue;
    p->child = 0;
}

static void hang_up(peer *p) {
    int status;
    if (p->fd >= 0)
        close(p->fd);
    p->fd = -1;
    if (p->child > 0)
        end_child(p, &status);
}

void peer_give_up(peer *p, const char *trouble, ...) {
    va_list args;
    va_start(args, trouble);
    vsnprintf(p->trouble, sizeof p->trouble, trouble, args);
    va_end(args);
    message_clean(p->trouble);
    hang_up(p);
}

// The other end is closed: a child tells by its exit status why.
static void lost(peer *p) {
    int status = 0;
    bool ended = false;
    for (int i = 0; p->child > 0 && !ended && i < 50; i++) { // its end closes a moment before it can be waited for
        ended = waitpid(p->child, &status, WNOHANG) == p->child;
        if (!ended)
            poll(NULL, 0, 10);
    }
    if (ended) {
        kill(-p->child, SIGKILL); // whoever it started
        p->child = 0;
    }
    if (ended && WIFSIGNALED(status))
        peer_give_up(p, "its process ended by signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
    else if (ended)
        peer_give_up(p, "its process ended with exit status %d", WEXITSTATUS(status));
    else
        peer_give_up(p, "it closed the connection");
}

void peer_close(peer *p, double seconds) {
    if (p->fd >= 0 && p->child > 0) {
        double deadline = cw_seconds() + seconds;
        char rest[256];
        shutdown(p->fd, SHUT_WR);
        while (await(p->fd, POLLIN, deadline, NULL) && recv(p->fd, rest, sizeof rest, MSG_DONTWAIT) > 0)
            continue;
    }
    hang_up(p);
    free(p->in);
    p->in = NULL;
}
