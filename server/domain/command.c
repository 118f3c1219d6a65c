#include "domain/command.h"

static const struct { const char *wire; char class; } commands[] = {
#define ROW(name, wire, class) [COMMAND_##name] = { wire, #class[0] },
    BZ_COMMANDS(ROW)
#undef ROW
};

const char *command_wire(enum command_kind kind) { return commands[kind].wire; }
bool command_is_journalled(enum command_kind kind) { return commands[kind].class == 'W'; }
