/** The few functions of fengari (Lua's C API in JavaScript) that the test of the health check uses. */
declare module 'fengari' {
  type State = object;
  type LuaString = Uint8Array;
  export function to_luastring(text: string): LuaString;
  export const lauxlib: {
    luaL_newstate(): State;
    luaL_dostring(state: State, code: LuaString): number;
  };
  export const lualib: { luaL_openlibs(state: State): void };
  export const lua: {
    readonly LUA_OK: number;
    lua_getfield(state: State, index: number, key: LuaString): number;
    lua_newtable(state: State): void;
    lua_pop(state: State, count: number): void;
    lua_pushboolean(state: State, value: boolean): void;
    lua_pushnil(state: State): void;
    lua_pushnumber(state: State, value: number): void;
    lua_pushstring(state: State, value: LuaString): void;
    lua_setglobal(state: State, name: LuaString): void;
    lua_settable(state: State, index: number): void;
    lua_tojsstring(state: State, index: number): string;
  };
}
