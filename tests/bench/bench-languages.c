/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "bench-languages.h"

#ifdef HAVE_JQ
#include <stdio.h>

#include <jq.h>

static gpointer
filter_compile (const char *source)
{
  jq_state *jq = jq_init ();

  g_assert_true (jq != NULL && jq_compile (jq, source));
  return jq;
}

static gsize
filter_run (gpointer program, const char *document, gsize length)
{
  jv input = jv_parse_sized (document, (int) length), result;
  gsize size;

  if (!jv_is_valid (input))
    {
      jv_free (input);
      return 0;
    }
  jq_start (program, input, 0);
  result = jq_next (program);
  size = jv_is_valid (result) ? jv_get_kind (result) == JV_KIND_OBJECT ? (gsize) jv_object_length (jv_copy (result)) : 1
                              : 0;
  jv_free (result);
  return size;
}

static void
filter_free (gpointer program)
{
  jq_state *jq = program;

  jq_teardown (&jq);
}

const BenchLanguage *
bench_language_jq (void)
{
  static const BenchLanguage language = { "libjq", filter_compile, filter_run, filter_free };

  return &language;
}
#else
const BenchLanguage *
bench_language_jq (void)
{
  return NULL;
}
#endif

#ifdef HAVE_QUICKJS
#include <quickjs/quickjs.h>
#include <string.h>

typedef struct {
  JSRuntime *runtime;
  JSContext *context;
  JSValue function;
} Script;

static gpointer
script_compile (const char *source)
{
  Script *self = g_new0 (Script, 1);

  self->runtime = JS_NewRuntime ();
  self->context = JS_NewContext (self->runtime);
  self->function = JS_Eval (self->context, source, strlen (source), "bench", JS_EVAL_TYPE_GLOBAL);
  g_assert_true (JS_IsFunction (self->context, self->function));
  return self;
}

static gsize
script_run (gpointer program, const char *document, gsize length)
{
  Script *self = program;
  JSValue input = JS_ParseJSON (self->context, document, length, "document"), result;
  gsize size = 0;

  result = JS_Call (self->context, self->function, JS_UNDEFINED, 1, &input);
  if (JS_IsObject (result))
    size = 3;
  else if (!JS_IsException (result))
    size = 1;
  JS_FreeValue (self->context, result);
  JS_FreeValue (self->context, input);
  return size;
}

static void
script_free (gpointer program)
{
  Script *self = program;

  JS_FreeValue (self->context, self->function);
  JS_FreeContext (self->context);
  JS_FreeRuntime (self->runtime);
  g_free (self);
}

const BenchLanguage *
bench_language_quickjs (void)
{
  static const BenchLanguage language = { "QuickJS", script_compile, script_run, script_free };

  return &language;
}
#else
const BenchLanguage *
bench_language_quickjs (void)
{
  return NULL;
}
#endif
