package dev.confab.chat.server.api;

import java.util.List;

/** connmix's calls over HTTP. */
final class MeshCalls {
  private final Mesh mesh;

  MeshCalls(Mesh mesh) {
    this.mesh = mesh;
  }

  List<Route> routes() {
    return List.of(
        Route.of("POST", "/v1/mesh/publish", Scope.PUBLISH, Route.Style.MESH, this::publish),
        Route.of("POST", "/v1/mesh/send", Scope.PUBLISH, Route.Style.MESH, this::send));
  }

  private ApiResponse publish(Call call) {
    Fields body = call.body();
    return done(Mesh.reached(ServerApi.await(mesh.publish(body, call.sendKey(body, "k")))));
  }

  private ApiResponse send(Call call) {
    call.requireNoIdempotencyKey("what is sent to a connection is not recorded");
    mesh.send(call.body());
    return done(Mesh.done());
  }

  private static ApiResponse done(String result) {
    return ApiResponse.json(200, JsonText.object().putNull("E").raw("r", result).end());
  }
}
